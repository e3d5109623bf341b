package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// landed is a message as the demo's chat shows it.
type landed struct {
	At   time.Time
	Hook string
	ID   string
	Text string
}

// messages asks the demo's chat what has landed.
func messages(t *testing.T, chat string) []landed {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, chat+".json", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list []landed
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

// address waits for a line "name: URL" of the demo.
func address(t *testing.T, p *process, name string) string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + name + `: (http://127\.0\.0\.1:\d+\S*)$`)
	eventually(t, "the line of "+name, func() bool { return line.MatchString(p.out.String()) })
	return line.FindStringSubmatch(p.out.String())[1]
}

// welcomed opens the page by its link, which leads in once; then by the name and the password.
func welcomed(t *testing.T, p *process) {
	t.Helper()
	page := address(t, p, "page")
	base := page[:strings.Index(page, "/welcome/")]
	said := regexp.MustCompile(`you are "(\w+)" there, with the\s+password "(\w+)"`)
	eventually(t, "the password", func() bool { return said.MatchString(p.errOut.String()) })
	name := said.FindStringSubmatch(p.errOut.String())
	for i, open := range []func(*http.Client) (*http.Response, error){
		func(c *http.Client) (*http.Response, error) { return c.Get(page) },
		func(c *http.Client) (*http.Response, error) {
			if resp, err := c.Get(page); err != nil || !strings.HasSuffix(resp.Request.URL.Path, "/sign-in") {
				t.Errorf("the link leads in twice: %v, %v", resp, err)
			}
			return c.PostForm(base+"/sign-in", url.Values{"name": {name[1]}, "password": {name[2]}})
		},
	} {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		var resp *http.Response
		eventually(t, "the page", func() bool {
			resp, err = open(&http.Client{Jar: jar})
			return err == nil
		})
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.Request.URL.Path != "/" || !strings.Contains(string(text), `<span class="who">anna `) {
			t.Errorf("way %d: %s, %v\n%.500s", i, resp.Request.URL, err, text)
		}
	}
}

// The demo shows a reminder within half a minute, and leaves nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	for _, end := range []syscall.Signal{syscall.SIGINT, syscall.SIGHUP} {
		t.Run(end.String(), func(t *testing.T) {
			t.Parallel()
			tmp, err := os.MkdirTemp("", "calbell-")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(tmp)
			begun := time.Now()
			p := startIn(t, tmp, "TMPDIR="+tmp, "demo")
			chat := address(t, p, "chat")
			if !strings.HasSuffix(chat, "/demo/chat") {
				t.Errorf("the chat is at %q", chat)
			}
			address(t, p, "caldav")
			welcomed(t, p)
			if end == syscall.SIGHUP { // a terminal that is closed at once
				p.waitFor(t, 1, "Ctrl-C stops it")
			} else {
				eventually(t, "a message", func() bool { return len(messages(t, chat)) > 0 })
				if took := time.Since(begun); took > 30*time.Second {
					t.Errorf("the first message took %v", took)
				}
				first := messages(t, chat)[0]
				want := regexp.MustCompile(`^\*\*Coffee with the new colleague\*\*, \w+day \d+ \w+ \d{4}, \d\d:\d\d, Kitchen, 2nd floor\nBring a cup\.\nCake is provided\.$`)
				if !want.MatchString(first.Text) || first.Hook != "team" || first.ID == "" {
					t.Errorf("the first message is %+v", first)
				}
				socket := regexp.MustCompile(`--socket (\S+)`).FindStringSubmatch(p.errOut.String())
				eventually(t, "the message is recorded", func() bool {
					return strings.Contains(cli(t, tmp, "", "status", "--socket", socket[1]).want(t, 0, "demo/Team").out, "1 sent")
				})
			}
			p.stop(t, end)
			left, err := filepath.Glob(filepath.Join(tmp, "*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %q, %v", left, err)
			}
			if strings.Contains(p.errOut.String(), "level=") {
				t.Errorf("the demo complains: %s", p.errOut)
			}
		})
	}
}
