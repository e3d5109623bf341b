package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
)

//go:embed static/*
var staticFiles embed.FS

// files are the embedded files, by name.
type files map[string]file

// file is one, with a name for its content.
type file struct {
	text    []byte
	version string
}

func loadFiles() (files, error) {
	list, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	all := files{}
	for _, f := range list {
		text, err := staticFiles.ReadFile("static/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read static files: %w", err)
		}
		sum := sha256.Sum256(text)
		all[f.Name()] = file{text, hex.EncodeToString(sum[:6])}
	}
	return all, nil
}

// address returns the address of a file. It contains a hash of the content, so that
// browsers may cache the file.
func (f files) address(name string) string { return "/static/" + name + "?v=" + f[name].version }

// ServeHTTP answers with a file.
func (f files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	one, ok := f[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(r.PathValue("name"))))
	if r.URL.Query().Get("v") == one.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(one.text) // an error means that the client has gone
}
