package caldav

import (
	"net/url"
	"slices"
	"strings"

	"calbell/caldav/dav"

	"calbell"
)

// maxPrincipals limits the addresses under which one person's principal is known: servers name
// one or two.
const maxPrincipals = 8

// marks are what an answer says about whose a calendar is. Servers say it in different ways:
//
//   - sabre/dav (Baïkal, Infomaniak), Cyrus and Open-Xchange mark a share by DAV:share-access
//     (Open-Xchange as plain text); sabre/dav names the person it is shared with as its DAV:owner.
//   - Apple's servers, Cyrus and older clients' servers mark it by cs:shared in resourcetype.
//   - Nextcloud and ownCloud name the owner in oc:owner-principal, as text without a slash in
//     front, and in DAV:owner.
//   - SOGo, DAViCal, Radicale, Stalwart and Google name the owner in DAV:owner (RFC 3744 §5.1).
type marks struct {
	shared bool     // marked as shared with the person who signed in
	own    bool     // marked as theirs
	owners []string // its owners, as principalPath writes them
}

// readMarks reads the marks of a calendar at u. The answer may also say who signed in.
func (d *discovery) readMarks(r dav.Response, u *url.URL) marks {
	for _, h := range r.Prop(pPrincipal).Hrefs() {
		d.iAm(resolve(h, u))
	}
	var m marks
	kinds := r.Prop(pResourceType)
	m.shared = kinds.Kid(tShared) != nil || kinds.Kid(tCSShared) != nil
	m.own = kinds.Kid(tSharedOwner) != nil || kinds.Kid(tCSSharedOwner) != nil
	switch access := shareAccess(r.Prop(pShareAccess)); access {
	case "":
	case tSharedOwner, tNotShared:
		m.own = true
	default: // read, read-write, no-access, and what may be invented later
		m.shared = true
	}
	for _, name := range []string{pOCOwner, pOwner} {
		n := r.Prop(name)
		for _, h := range append(n.Hrefs(), n.Value()) {
			if owner := principalPath(h); owner != "" {
				m.owners = append(m.owners, strings.Clone(owner))
			}
		}
	}
	return m
}

// size is about how many bytes the marks take.
func (m marks) size() (n int) {
	for _, owner := range m.owners {
		n += len(owner)
	}
	return n
}

// shareAccess returns the value of a DAV:share-access, which is an element, or its bare name.
func shareAccess(n *dav.Node) string {
	if n != nil && len(n.Kids) > 0 {
		return n.Kids[0].Name
	}
	if text := n.Value(); text != "" {
		return "DAV:|" + text
	}
	return ""
}

// principalPath returns the path of the principal that an owner's href names, comparable; ""
// when it names none, as "mailto:" and "urn:" do not.
func principalPath(href string) string {
	href = strings.TrimSpace(href)
	if i := strings.Index(href, "://"); i > 0 {
		_, path, _ := strings.Cut(href[i+3:], "/")
		href = "/" + path
	}
	if scheme, _, ok := strings.Cut(href, ":"); ok && !strings.Contains(scheme, "/") {
		return ""
	}
	return canonical(calbell.Href(href))
}

// iAm notes the principal of the person who signed in.
func (d *discovery) iAm(u *url.URL) {
	if u == nil {
		return
	}
	p := canonical(calbell.Href(u.EscapedPath()))
	if p != "" && !slices.Contains(d.me, p) && len(d.me) < maxPrincipals {
		d.me = append(d.me, strings.Clone(p))
	}
}

// isMe reports whether an owner's path is that of the person who signed in. Nextcloud leaves
// out what stands before "principals/", others all but the name.
func (d *discovery) isMe(owner string) bool {
	return slices.ContainsFunc(d.me, func(me string) bool {
		return me == owner || !strings.HasPrefix(owner, "/") && strings.HasSuffix(me, "/"+owner)
	})
}

// settle decides whose a calendar is. Any sign of somebody else counts, as it is the sharer who
// gains by a mistake. A calendar without a sign is one's own, unless its person may not write
// there: then whatever stands in it is somebody else's word.
func (d *discovery) settle(c *calbell.Calendar) {
	if c.Level == calbell.LevelFile { // a subscription is its person's choice
		c.Ownership = calbell.OwnershipOwn
		return
	}
	m := d.marks[c.ID]
	mine := false
	var other string
	if len(d.me) > 0 {
		for _, owner := range m.owners {
			switch {
			case d.isMe(owner):
				mine = true
			case other == "":
				other = owner
			}
		}
	}
	c.Ownership = calbell.OwnershipOwn
	if m.shared || other != "" || c.ReadOnly && !mine && !m.own {
		c.Ownership, c.SharedBy = calbell.OwnershipOther, other
	}
}
