package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calbell/config/yamltree"

	"calbell"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what was found into the vectors")

// Each vector is a file and what a person reads about it. The file secret.txt beside the
// configuration exists; the credential "there" holds a URL.
func TestFindings(t *testing.T) {
	files, err := filepath.Glob("testdata/findings/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d vectors: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := findings(t, archive)
			if *update {
				archive.Files = append(archive.Files[:len(archive.Files)-1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want := archive.Files[len(archive.Files)-1]
			if want.Name != "want" {
				t.Fatalf("the last file of the vector is %q", want.Name)
			}
			if diff := cmp.Diff(string(want.Data), got); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
		})
	}
}

// findings loads the vector's config.yaml in a folder that holds its other files, with
// its file "env" (lines NAME=value) as the environment.
func findings(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{"TZ": "UTC"}
	var data []byte
	for _, f := range archive.Files {
		switch f.Name {
		case "config.yaml":
			data = f.Data
		case "want":
		case "env":
			for line := range strings.Lines(string(f.Data)) {
				name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
				env[name] = strings.ReplaceAll(value, "$DIR", dir)
			}
		default:
			if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err := Parse(data, filepath.Join(dir, "config.yaml"), func(name string) string { return env[name] })
	if err == nil {
		return "no finding\n"
	}
	if kind := calbell.KindOf(err); kind != calbell.KindConfig {
		t.Errorf("the error's kind is %d, want %d", kind, calbell.KindConfig)
	}
	var all yamltree.Errors
	if !errors.As(err, &all) {
		t.Fatalf("%T holds no findings", err)
	}
	return strings.NewReplacer(dir+"/", "", dir, "$DIR").Replace(err.Error()) + "\n"
}

// In the text of a message "url:" is a word.
func TestExcerptOfAMessage(t *testing.T) {
	cfg, err := Parse([]byte("webhooks:\n  - name: a\n    url: https://chat.example.org/hooks/hunter2\n    template: |\n      url: %url%, password: %paswd%\n"), "c.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	got := cfg.ErrorAt("webhooks[0].template", 1, 23, calbell.T("templates:unknown-variable", "unknown variable %q", "paswd"), calbell.Text{}).Error()
	want := "c.yaml:5:29: unknown variable \"paswd\"\n  > 5 |       url: %url%, password: %paswd%\n" + strings.Repeat(" ", 8+28) + "^"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
