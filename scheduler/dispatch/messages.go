package dispatch

import (
	"sync"

	"calbell/templates"
)

const (
	// maxCompiled bounds the compiled messages that are kept, in bytes of their sources: compiled,
	// a template takes some 20 times as much.
	maxCompiled = 512 << 10
	// hookCost is what a webhook counts beside its texts: the default message, among others.
	hookCost = 512
)

// messages keeps the compiled messages of webhooks that were used lately. Most webhooks post a
// few times a day, so they are compiled when they are used. It is safe for concurrent use.
type messages struct {
	mu   sync.Mutex
	by   map[*hook]*templates.Hook
	size int // of the sources
}

// of returns a webhook's message.
func (m *messages) of(h *hook) *templates.Hook {
	m.mu.Lock()
	message := m.by[h]
	m.mu.Unlock()
	if message != nil {
		return message
	}
	// What its templates hold that is not understood is printed as it stands.
	message, _ = templates.CompileHookLenient(h.Webhook)
	size := hookCost + len(h.Template) + len(h.Channel) + len(h.Username) + len(h.IconURL) + len(h.IconEmoji) + len(h.Type) +
		treeSize(h.Attachments) + treeSize(h.Blocks) + treeSize(h.Payload)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil || m.size+size > maxCompiled { // begin anew: those in use come back
		m.by, m.size = map[*hook]*templates.Hook{}, 0
	}
	if m.by[h] == nil {
		m.by[h], m.size = message, m.size+size
	}
	return message
}

// treeSize returns about how many bytes a tree of texts has.
func treeSize(v any) int {
	const node = 16
	size := node
	switch v := v.(type) {
	case nil:
		return 0
	case string:
		size += len(v)
	case []any:
		for _, e := range v {
			size += treeSize(e)
		}
	case map[string]any:
		for k, e := range v {
			size += len(k) + treeSize(e)
		}
	}
	return size
}
