package chaos

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// op is a write to the database, a change of its length, or an order to wait for the disk.
type op struct {
	kind       opKind
	off        int64 // of a write; the new length of a resize
	data       []byte
	begin, end time.Time
}

type opKind int

const (
	write opKind = iota
	resize
	syncs
)

// maxLine bounds a line of a trace: the writes of one commit are far smaller.
const maxLine = 256 << 20

// The lines of strace -f -ttt -y -xx: thread, time, call, result. A call that another
// thread's interrupts is in two lines.
var (
	traceLine = regexp.MustCompile(`^(\d+) +(\d+)\.(\d+) (.*)$`)
	wholeCall = regexp.MustCompile(`^(\w+)\((\d+)<([^>]*)>(?:, (.*))?\) += (-?\d+)`)
	beginCall = regexp.MustCompile(`^(\w+)\((\d+)<([^>]*)>(?:, (.*?))? <unfinished \.\.\.>$`)
	endCall   = regexp.MustCompile(`^<\.\.\. (\w+) resumed>.*\) += (-?\d+)`)
)

// readTrace reads what a run wrote to the file whose path ends so, in the order in which
// the calls began.
func readTrace(path, suffix string) ([]op, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var ops []*op
	open := map[string]*op{} // by thread
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 1<<20), maxLine)
	for lines.Scan() {
		m := traceLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		at := seconds(m[2], m[3])
		if c := endCall.FindStringSubmatch(m[4]); c != nil {
			if o := open[m[1]]; o != nil {
				o.end = at
				delete(open, m[1])
			}
			continue
		}
		c, whole := wholeCall.FindStringSubmatch(m[4]), true
		if c == nil {
			c, whole = beginCall.FindStringSubmatch(m[4]), false
		}
		if c == nil || !strings.HasSuffix(unhexed(c[3]), suffix) {
			continue
		}
		o, err := newOp(c[1], c[4])
		if err != nil {
			return nil, fmt.Errorf("read %.200q: %w", m[4], err)
		}
		o.begin = at
		if whole {
			o.end = at.Add(took(m[4]))
		} else {
			open[m[1]] = o
		}
		ops = append(ops, o)
	}
	all := make([]op, len(ops))
	for i, o := range ops {
		all[i] = *o
	}
	return all, lines.Err()
}

func newOp(call, args string) (*op, error) {
	switch call {
	case "pwrite64":
		text, rest, ok := strings.Cut(strings.TrimPrefix(args, `"`), `", `)
		fields := strings.Split(rest, ", ")
		if !ok || len(fields) != 2 {
			return nil, errors.New("not the arguments of a write")
		}
		data := []byte(unhexed(text))
		if n, err := strconv.Atoi(fields[0]); err != nil || n != len(data) {
			return nil, fmt.Errorf("%d bytes of %q", len(data), fields[0])
		}
		off, err := strconv.ParseInt(fields[1], 10, 64)
		return &op{kind: write, off: off, data: data}, err
	case "ftruncate":
		n, err := strconv.ParseInt(args, 10, 64)
		return &op{kind: resize, off: n}, err
	case "fsync", "fdatasync":
		return &op{kind: syncs}, nil
	}
	return nil, errors.New("a call that nobody expected")
}

func seconds(whole, fraction string) time.Time {
	s, _ := strconv.ParseInt(whole, 10, 64)
	ns, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return time.Unix(s, ns)
}

// took is how long a call took: the last part of its line.
func took(line string) time.Duration {
	i := strings.LastIndexByte(line, '<')
	d, _ := time.ParseDuration(strings.TrimSuffix(line[i+1:], ">") + "s")
	return d
}

// unhexed undoes \x41\x42; what is not written so stays.
func unhexed(s string) string {
	if !strings.HasPrefix(s, `\x`) {
		return s
	}
	b := make([]byte, 0, len(s)/4)
	for i := 0; i+3 < len(s); i += 4 {
		b = append(b, unhex(s[i+2])<<4|unhex(s[i+3]))
	}
	return string(b)
}

func unhex(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

const sector = 512

// disk is what a power cut leaves of a file.
type disk struct{ b []byte }

func (d *disk) grow(n int64) {
	if int64(len(d.b)) < n {
		d.b = append(d.b, make([]byte, n-int64(len(d.b)))...)
	}
}

// apply carries an operation out; keep says for each sector of a write whether it arrived.
func (d *disk) apply(o op, keep func() bool) {
	switch o.kind {
	case resize:
		if keep() {
			d.grow(o.off)
			d.b = d.b[:o.off]
		}
	case write:
		for at := 0; at < len(o.data); at += sector {
			if part := o.data[at:min(at+sector, len(o.data))]; keep() {
				d.grow(o.off + int64(at) + int64(len(part)))
				copy(d.b[o.off+int64(at):], part)
			}
		}
	}
}

// cut is the file after a power cut at an instant: all that was written before the last
// order to wait for the disk that had ended, and of what came after it what chance let
// through. A disk that lies knows no such order.
func cut(base []byte, ops []op, at time.Time, lies bool) []byte {
	d := &disk{b: append([]byte(nil), base...)}
	var safe time.Time
	for _, o := range ops {
		if o.kind == syncs && !lies && !o.end.IsZero() && !o.end.After(at) && o.begin.After(safe) {
			safe = o.begin
		}
	}
	all := func() bool { return true }
	share := []float64{0, 1, rand.Float64()}[rand.IntN(3)] // of the sectors, or of the writes
	torn := rand.IntN(2) == 0
	for _, o := range ops {
		switch {
		case !o.begin.Before(at):
		case !o.end.IsZero() && !o.end.After(safe):
			d.apply(o, all)
		case torn:
			d.apply(o, func() bool { return rand.Float64() < share })
		case rand.Float64() < share:
			d.apply(o, all)
		}
	}
	return d.b
}

// What the trace says is read as it is written, and a cut leaves what it must.
func TestCut(t *testing.T) {
	t.Parallel()
	text := `7 100.000001 pwrite64(5<\x2f\x61\x2e\x64\x62>, "\x41\x42", 2, 0) = 2 <0.000010>
8 100.100000 pwrite64(9</b.db>, "\x41\x42", 2, 0) = 2 <0.000010>
7 100.200000 fdatasync(5</a.db> <unfinished ...>
8 100.250000 ftruncate(5</a.db>, 4) = 0 <0.000010>
7 100.300000 <... fdatasync resumed>)  = 0 <0.100000>
7 100.400000 pwrite64(5</a.db>, "\x43", 1, 1) = 1 <0.000010>
`
	path := t.TempDir() + "/trace"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ops, err := readTrace(path, "/a.db")
	if err != nil {
		t.Fatal(err)
	}
	if len(ops) != 4 || string(ops[0].data) != "AB" || ops[2].kind != resize || ops[3].off != 1 || !ops[1].end.Equal(seconds("100", "3")) {
		t.Fatalf("read %+v", ops)
	}
	images := func(at string, lies bool) string {
		seen := map[string]bool{}
		for range 400 {
			seen[string(cut([]byte("__"), ops, seconds("100", at), lies))] = true
		}
		return fmt.Sprint(len(seen), seen["__"], seen["AB"], seen["AB\x00\x00"], seen["AC\x00\x00"])
	}
	for _, c := range []struct {
		at   string
		lies bool
		want string
	}{
		{"15", false, "2 true true false false"}, // nobody has waited for the disk yet
		{"35", false, "2 false true true false"}, // the new length came while it waited
		{"35", true, "4 true true true false"},
		{"5", false, "4 false true true true"},
	} {
		if got := images(c.at, c.lies); got != c.want {
			t.Errorf("cut at %s (lies: %v): %s, want %s", c.at, c.lies, got, c.want)
		}
	}
}
