package scheduler_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"calbell"
)

// A month of a busy calendar: events come, move, change what they carry, are muted, attached to
// and deleted, and what was posted must be what a plain model says. The model knows nothing of
// plans, horizons and stores: it asks at each minute what rings.

// talk is an event of the simulation.
type talk struct {
	uid      string
	start    time.Duration // since the epoch
	days     int           // how often it takes place, daily
	alarms   []talkAlarm
	hook     string // X-CALBELL-WEBHOOK of the event
	category string // a webhook, by category
	line     string // a webhook, by a #remind line
	lineLead int    // minutes; 0: the line makes no reminder
	stranger bool
	bound    map[string]bound // by ID
}

type talkAlarm struct {
	lead int
	hook string
}

type bound struct {
	lead int
	hook string
	mute bool
}

// ics writes it as a client does.
func (k *talk) ics() string {
	var b strings.Builder
	fmt.Fprintf(&b, "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:%s\nDTSTART:%s\nDURATION:PT30M\nSUMMARY:%s\n",
		k.uid, epoch.Add(k.start).Format("20060102T150405Z"), k.uid)
	if k.days > 1 {
		fmt.Fprintf(&b, "RRULE:FREQ=DAILY;COUNT=%d\n", k.days)
	}
	if k.hook != "" {
		fmt.Fprintf(&b, "X-CALBELL-WEBHOOK:%s\n", k.hook)
	}
	if k.category != "" {
		fmt.Fprintf(&b, "CATEGORIES:webhook:%s\n", k.category)
	}
	if k.stranger {
		b.WriteString("ORGANIZER:mailto:stranger@example.org\n")
	}
	if k.line != "" {
		fmt.Fprintf(&b, "DESCRIPTION:Notes\\n#remind %s", k.line)
		if k.lineLead > 0 {
			fmt.Fprintf(&b, " -%dm", k.lineLead)
		}
		b.WriteString("\n")
	}
	for _, a := range k.alarms {
		fmt.Fprintf(&b, "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT%dM\n", a.lead)
		if a.hook != "" {
			fmt.Fprintf(&b, "X-CALBELL-WEBHOOK:%s\n", a.hook)
		}
		b.WriteString("END:VALARM\n")
	}
	b.WriteString("END:VEVENT\nEND:VCALENDAR\n")
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}

// where is the model's resolver: the webhook of what names none itself.
func (k *talk) where() string {
	if k.stranger {
		return "team"
	}
	return cmp.Or(k.hook, k.category, k.line, "team")
}

// rings says, by the model, which webhooks are posted to lead minutes before it.
func (k *talk) rings(lead int) map[string]bool {
	to := map[string]bool{}
	for _, b := range k.bound {
		if b.mute {
			return nil
		}
		if b.lead == lead {
			to[b.hook] = true
		}
	}
	for _, a := range k.alarms {
		switch {
		case a.lead != lead:
		case a.hook != "" && !k.stranger:
			to[a.hook] = true
		default:
			to[k.where()] = true
		}
	}
	timed := k.line != "" && k.lineLead > 0 && !k.stranger
	if timed && k.lineLead == lead {
		to[k.line] = true
	}
	if lead == 20 && len(k.alarms) == 0 && !timed { // the calendar's default
		to[k.where()] = true
	}
	return to
}

// month is a simulation under way.
type month struct {
	*world
	rng   *rand.Rand
	talks map[string]*talk
	next  int
	want  []string
}

var monthHooks = []string{"team", "other", "third"}

func (m *month) hookName() string { return monthHooks[m.rng.IntN(len(monthHooks))] }

// lead is a number of minutes; never one at which an action takes place.
func (m *month) lead() int { return []int{1, 5, 10, 20, 30, 60, 120}[m.rng.IntN(7)] }

// newTalk makes an event up, far enough ahead that nothing of it has rung.
func (m *month) newTalk(uid string) *talk {
	k := &talk{uid: uid, bound: map[string]bound{}, days: 1}
	k.start = (time.Since(epoch) + 3*time.Hour + time.Duration(m.rng.IntN(60*24*3))*time.Minute).Truncate(time.Minute)
	m.change(k)
	return k
}

// change makes up what an event carries.
func (m *month) change(k *talk) {
	k.alarms, k.hook, k.category, k.line, k.lineLead, k.stranger = nil, "", "", "", 0, m.rng.IntN(6) == 0
	k.days = 1 + m.rng.IntN(3)*m.rng.IntN(4)
	for range m.rng.IntN(3) {
		a := talkAlarm{lead: m.lead()}
		if m.rng.IntN(3) == 0 {
			a.hook = m.hookName()
		}
		k.alarms = append(k.alarms, a)
	}
	if m.rng.IntN(4) == 0 {
		k.hook = m.hookName()
	}
	if m.rng.IntN(4) == 0 {
		k.category = m.hookName()
	}
	if m.rng.IntN(4) == 0 {
		k.line = m.hookName()
		if m.rng.IntN(2) == 0 {
			k.lineLead = m.lead()
		}
	}
}

// step does something to the calendar, and syncs.
func (m *month) step() {
	uids := make([]string, 0, len(m.talks))
	for uid := range m.talks {
		uids = append(uids, uid)
	}
	slices.Sort(uids)
	if len(uids) < 3 || m.rng.IntN(3) == 0 {
		m.next++
		k := m.newTalk(fmt.Sprint("talk-", m.next))
		m.talks[k.uid] = k
		m.server.put(calbell.Href("/"+k.uid+".ics"), k.ics())
		m.sync()
		return
	}
	k := m.talks[uids[m.rng.IntN(len(uids))]]
	id := k.uid + "-" + strconv.Itoa(m.rng.IntN(3))
	switch _, there := k.bound[id]; m.rng.IntN(5) {
	case 0:
		delete(m.talks, k.uid)
		m.server.remove(calbell.Href("/" + k.uid + ".ics"))
		m.sync()
	case 1: // moved, or carried otherwise; nothing of it may have rung yet, so it is put ahead
		n := m.newTalk(k.uid)
		n.bound = k.bound
		m.talks[k.uid] = n
		m.server.put(calbell.Href("/"+k.uid+".ics"), n.ics())
		m.sync()
	case 2:
		if there {
			delete(k.bound, id)
			m.detach(id)
		}
	case 3:
		if !there && k.start > time.Since(epoch)+3*time.Hour {
			k.bound[id] = bound{lead: m.lead(), hook: m.hookName()}
			m.attach(id, calbell.UID(k.uid), fmt.Sprintf("%dm", k.bound[id].lead), calbell.WebhookID(k.bound[id].hook), "")
		}
	case 4:
		if !there && m.rng.IntN(3) == 0 {
			k.bound[id] = bound{mute: true}
			m.attach(id, calbell.UID(k.uid), "", "", "")
		}
	}
}

// minute says what the model expects at this minute.
func (m *month) minute() {
	now := time.Since(epoch)
	for _, k := range m.talks {
		for day := range k.days {
			before := k.start + time.Duration(day)*24*time.Hour - now
			if before < 0 || before > 3*time.Hour {
				continue
			}
			for hook := range k.rings(int(before / time.Minute)) {
				m.want = append(m.want, fmt.Sprintf("%v %s %s", now, hook, k.uid))
			}
		}
	}
}

func TestAMonthOfEdits(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	seeds := []uint64{1, 2, 3}[:months]
	if s, err := strconv.ParseUint(os.Getenv("CALBELL_SEED"), 10, 64); err == nil {
		seeds = []uint64{s}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.account.Calendars[0].Remind = []calbell.Lead{{Exact: 20 * time.Minute}}
				w.webhooks = append(w.webhooks, hook("third"))
				w.restart(0)
				w.sync()
				m := &month{world: w, rng: rand.New(rand.NewPCG(seed, 1)), talks: map[string]*talk{}}
				for range 30 * 24 * 60 {
					m.minute()
					w.pass(30 * time.Second) // acts between the minutes at which things ring
					switch {
					case m.rng.IntN(60) == 0:
						m.step()
					case m.rng.IntN(5000) == 0:
						w.restart(10 * time.Second)
					}
					time.Sleep(time.Until(epoch.Add(time.Since(epoch).Truncate(time.Minute) + time.Minute)))
				}
				m.compare()
			})
		})
	}
}

// compare holds what was posted against what the model wants.
func (m *month) compare() {
	var got []string
	for _, p := range m.chat.posts() {
		got = append(got, fmt.Sprintf("%v %s %s", p.at.Sub(epoch), p.hook, p.msg.Text))
	}
	slices.Sort(got)
	slices.Sort(m.want)
	if slices.Equal(got, m.want) && len(got) > 500 {
		m.Logf("%d posts, as the model says", len(got))
		return
	}
	m.Errorf("%d posts, the model wants %d", len(got), len(m.want))
	shown := 0
	for _, l := range m.want {
		if !slices.Contains(got, l) && shown < 10 {
			m.Errorf("missing: %s", l)
			shown++
		}
	}
	for _, l := range got {
		if !slices.Contains(m.want, l) && shown < 20 {
			m.Errorf("not wanted: %s", l)
			shown++
		}
	}
}
