package chaos

import (
	"fmt"
	"testing"
	"time"
)

// fate is what the receiver made of a post.
type fate int

const (
	accepted fate = iota // answered 200 ok
	unsure               // taken in, but the answer was withheld: a repeat must be marked
	refused              // answered with an error: what follows is no repeat
)

// post is one message as the receiver saw it.
type post struct {
	subject string
	id      string // the Webhook-Id header
	at      time.Time
	repeat  bool // it has the line "(possible repeat)"
	late    bool // it has a line that says how late it is
	run     int  // of the daemon, counted from 1
	fate    fate
}

// verdict is what became of a plan.
type verdict struct {
	Planned   int
	Posts     int
	Lost      int // never taken in
	Marked    int // taken in again, and said so
	Unmarked  int // taken in again without a word
	Early     int
	Unplanned int // posts that nobody planned
	OtherID   int // repeats under another Webhook-Id: receivers cannot tell them
	Unlate    int // a minute late or more, and not said

	Worst   int           // most repeats that the end of one run made necessary
	Latest  time.Duration // longest after due
	Example string        // of what is wrong
}

// judge compares what was planned with what was seen, in the order of arrival.
func judge(plan map[string]time.Time, posts []post) verdict {
	v := verdict{Planned: len(plan), Posts: len(posts)}
	taken, ids := map[string]int{}, map[string]string{} // taken: the run that last posted it
	perRun := map[int]int{}
	for _, p := range posts {
		due, ok := plan[p.subject]
		if !ok {
			v.wrong(&v.Unplanned, p)
			continue
		}
		if id, seen := ids[p.subject]; seen && id != p.id {
			v.wrong(&v.OtherID, p)
		}
		ids[p.subject] = p.id
		late := p.at.Sub(due)
		v.Latest = max(v.Latest, late)
		if late < 0 {
			v.wrong(&v.Early, p)
		}
		// The text is made just before it is sent: some seconds lie between the two clocks.
		if late >= time.Minute+10*time.Second && !p.late {
			v.wrong(&v.Unlate, p)
		}
		switch before, again := taken[p.subject]; {
		case again && p.repeat: // the end of the run before is what made it necessary
			v.Marked++
			perRun[before]++
			v.Worst = max(v.Worst, perRun[before])
		case again:
			v.wrong(&v.Unmarked, p)
		}
		if p.fate != refused {
			taken[p.subject] = p.run
		}
	}
	for subject, due := range plan {
		if _, ok := taken[subject]; !ok {
			v.wrong(&v.Lost, post{subject: subject, at: due})
		}
	}
	return v
}

func (v *verdict) wrong(count *int, p post) {
	*count++
	if v.Example == "" {
		v.Example = fmt.Sprintf("%+v", p)
	}
}

// bad says what breaks the contract; "" when nothing does.
func (v verdict) bad() string {
	if v.Lost+v.Unmarked+v.Early+v.Unplanned+v.OtherID+v.Unlate == 0 {
		return ""
	}
	return fmt.Sprintf("%d lost, %d doubled without a mark, %d early, %d unplanned, %d under another ID, %d late without a word; such as %s",
		v.Lost, v.Unmarked, v.Early, v.Unplanned, v.OtherID, v.Unlate, v.Example)
}

// The judge must be able to find each fault.
func TestJudge(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	plan := map[string]time.Time{"a": due, "b": due}
	a := post{subject: "a", id: "1", at: due.Add(time.Millisecond), run: 1}
	b := post{subject: "b", id: "2", at: due, run: 1}
	again := func(change func(*post)) post {
		p := a
		p.repeat, p.run = true, 2
		change(&p)
		return p
	}
	keep := func(*post) {}
	cases := []struct {
		name  string
		posts []post
		want  verdict
	}{
		{"good", []post{a, b}, verdict{}},
		{"lost", []post{a}, verdict{Lost: 1}},
		{"refused only", []post{a, {subject: "b", id: "2", at: due, fate: refused}}, verdict{Lost: 1}},
		{"marked", []post{a, b, again(keep)}, verdict{Marked: 1, Worst: 1}},
		{"unmarked", []post{a, b, again(func(p *post) { p.repeat = false })}, verdict{Unmarked: 1}},
		{"unmarked after no answer", []post{{subject: "a", id: "1", at: due, fate: unsure}, a, b}, verdict{Unmarked: 1}},
		{"again after a refusal", []post{{subject: "a", id: "1", at: due, fate: refused}, a, b}, verdict{}},
		{"another ID", []post{a, b, again(func(p *post) { p.id = "3" })}, verdict{Marked: 1, Worst: 1, OtherID: 1}},
		{"early", []post{a, {subject: "b", id: "2", at: due.Add(-1)}}, verdict{Early: 1}},
		{"unplanned", []post{a, b, {subject: "c"}}, verdict{Unplanned: 1}},
		{"late", []post{a, {subject: "b", id: "2", at: due.Add(2 * time.Minute)}}, verdict{Unlate: 1}},
		{"late, said", []post{a, {subject: "b", id: "2", at: due.Add(2 * time.Minute), late: true}}, verdict{}},
	}
	for _, c := range cases {
		got := judge(plan, c.posts)
		ok := got.bad() == "" == (c.want.Lost+c.want.Unmarked+c.want.Early+c.want.Unplanned+c.want.OtherID+c.want.Unlate == 0)
		got.Planned, got.Posts, got.Latest, got.Example = 0, 0, 0, ""
		if got != c.want || !ok {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
