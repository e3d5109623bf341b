package dispatch

import (
	"sync"

	"calbell/templates"
)

const (
	// maxCompiled limits the cached compiled messages, in bytes of their sources: a compiled
	// template takes some 20 times as much.
	maxCompiled = 512 << 10
	// hookCost is the cost of a webhook beside its texts, such as the default message.
	hookCost = 512
)

// messages caches the compiled messages of recently used webhooks. Most webhooks post a few
// times a day, so compiling on use is cheap enough. It is safe for concurrent use.
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
	// Unknown parts of its templates are printed unchanged.
	message, _ = templates.CompileHookLenient(h.Webhook)
	size := hookCost + len(h.Template) + len(h.Channel) + len(h.Username) + len(h.IconURL) + len(h.IconEmoji) + len(h.Type) +
		treeSize(h.Attachments) + treeSize(h.Blocks) + treeSize(h.Payload)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil || m.size+size > maxCompiled { // empty the cache: messages in use come back
		m.by, m.size = map[*hook]*templates.Hook{}, 0
	}
	if m.by[h] == nil {
		m.by[h], m.size = message, m.size+size
	}
	return message
}

// treeSize estimates the bytes of a tree of texts.
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
