package record

import (
	"time"

	"calbell"
	"calbell/store"
)

// Rooms counts against the limits of a claim.
type Rooms struct {
	Request *store.ClaimRequest
	bounds  map[calbell.WebhookID][]store.Bound // asked once
	taken   map[string]int                      // by name of the limit
}

// NewRooms returns the rooms of an empty claim.
func NewRooms(r *store.ClaimRequest) *Rooms {
	return &Rooms{r, make(map[calbell.WebhookID][]store.Bound), make(map[string]int)}
}

// Take reports whether the claim may take one more delivery of a webhook, due at an instant,
// and counts it.
func (r *Rooms) Take(w calbell.WebhookID, due time.Time) bool {
	if r.Request.Bounds == nil {
		return true
	}
	bounds, asked := r.bounds[w]
	if !asked {
		bounds = r.Request.Bounds(w)
		r.bounds[w] = bounds
	}
	for _, b := range bounds {
		if r.taken[b.Name] >= b.Room || b.Due != nil && !b.Due(due) {
			return false
		}
	}
	for _, b := range bounds {
		r.taken[b.Name]++
	}
	return true
}
