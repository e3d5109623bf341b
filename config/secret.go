package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"calbell"

	"calbell/config/yamltree"
	"calbell/internal/rights"
)

// credentialHint shows how a unit gets a credential.
var credentialHint = calbell.T("config:unit-needs-loadcredential-name", "the unit needs LoadCredential=NAME:/path/of/the/secret")

// maxSecret limits a password or URL read from a file.
const maxSecret = 64 << 10

// secretKeys are the three keys that can provide a secret: the secret itself, a file that
// contains it, or the name of a systemd credential.
type secretKeys struct {
	key                     string
	plain, file, credential string
}

// into adds the three keys to those of a mapping.
func (s *secretKeys) into(fs fields) fields {
	fs[s.key] = s.read()
	fs[s.key+"_file"] = text(&s.file)
	fs[s.key+"_credential"] = text(&s.credential)
	return fs
}

// read reads the secret itself and hides it in excerpts.
func (s *secretKeys) read() reading {
	return reading{shape: textShape(), take: func(r *reader, path string, n *yamltree.Node) {
		r.doc.HideSecret(n)
		r.doc.holdsSecret = true
		text(&s.plain).take(r, path, n)
	}}
}

// secret returns the secret of the mapping at path, and the path of the key that provided
// it; "" and "" when there is none or it was reported as invalid.
func (r *reader) secret(path string, s *secretKeys) (value, from string) {
	var given []string
	for _, suffix := range []string{"", "_file", "_credential"} {
		if n := r.doc.Index[path].Get(s.key + suffix); n != nil {
			given = append(given, s.key+suffix)
		}
	}
	if len(given) == 0 {
		return "", ""
	}
	from = yamltree.Join(path, given[0])
	if len(given) > 1 {
		r.fail(yamltree.Join(path, given[1]), calbell.T("config:both-given", "both %q and %q are given", given[0], given[1]), calbell.T("config:remove-one", "remove one of them"))
		return "", ""
	}
	value, bad := s.plain, (*yamltree.Error)(nil)
	switch {
	case s.file != "":
		file := r.absolute(s.file)
		r.uses(file, true)
		value, bad = readSecret(file)
	case s.credential != "":
		file, missing := r.credential(s.credential)
		if bad = missing; bad == nil {
			value, bad = readSecret(file)
		}
		if bad != nil && missing == nil {
			bad.Hint = credentialHint
		}
	}
	if bad == nil && strings.TrimSpace(value) == "" {
		r.fail(from, calbell.T("config:key-empty", "%q is empty", lastKey(from)), calbell.Text{})
		return "", ""
	}
	if bad != nil {
		r.fail(from, calbell.T("config:of-key", "%q: %s", lastKey(from), bad.Msg), bad.Hint)
		return "", ""
	}
	if value != s.plain {
		r.doc.AddSecret(value)
	}
	return value, from
}

// readSecret reads a file that contains only a secret. A trailing line break, which editors
// and echo add, is not part of it.
func readSecret(file string) (string, *yamltree.Error) {
	f, err := os.Open(file)
	if err != nil {
		return "", openFault(file, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", openFault(file, err)
	}
	if len(data) > maxSecret {
		return "", fault(calbell.T("config:secret-too-long", "%s holds more than %d bytes: it is not a secret", file, maxSecret), calbell.Text{})
	}
	value := strings.TrimRight(strings.TrimPrefix(string(data), "\ufeff"), "\r\n")
	if value == "" {
		return "", fault(calbell.T("config:file-empty", "%s is empty", file), calbell.T("config:write-secret", "write the secret into it, and nothing else"))
	}
	return value, nil
}

// openFault returns the error for a file that cannot be opened or read.
func openFault(file string, err error) *yamltree.Error {
	shown, whole := shownPath(file)
	if !whole && !errors.Is(err, fs.ErrPermission) {
		return fault(calbell.T("config:no-file-in-folder", "there is no file of this name in %s", shown), calbell.T("config:relative-paths", "relative paths are relative to the configuration file"))
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault(calbell.T("config:no-file", "there is no file %s", shown), calbell.T("config:relative-paths", "relative paths are relative to the configuration file"))
	case errors.Is(err, fs.ErrPermission):
		return fault(calbell.T("config:file-not-readable", "%s may not be read by %s", shown+rights.Listed(file), rights.User()), calbell.T("config:give-right-to-read", "give the user that runs calbell the right to read it"))
	}
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err // without the path, which may be a misplaced secret
	}
	return fault(calbell.T("config:file-cannot-be-read", "%s cannot be read: %v", shown, err), calbell.Text{})
}

// secretFile matches usual names of files with secrets.
var secretFile = regexp.MustCompile(`^[\w.-]{1,40}\.(?:password|passwd|pass|pwd|secret|token|url|uri|key|pem|crt|cer|cert|txt)$`)

// shownPath returns the part of a path that cannot be a secret given instead of a file
// name: the whole path if the file exists, or has a usual name in an existing folder;
// otherwise the folder.
func shownPath(file string) (shown string, whole bool) {
	folder := filepath.Dir(file)
	if _, err := os.Lstat(file); err == nil || isFolder(folder) && secretFile.MatchString(filepath.Base(file)) {
		return file, true
	}
	for !isFolder(folder) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
	}
	return folder, false
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// credential returns the path of a systemd credential.
func (r *reader) credential(name string) (string, *yamltree.Error) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return "", fault(calbell.T("config:invalid-credential", "invalid name of a credential"), calbell.Text{})
	}
	dir := r.getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return "", fault(calbell.T("config:no-credentials-folder", "there is no $CREDENTIALS_DIRECTORY to take the credential from"), credentialHint)
	}
	return filepath.Join(dir, name), nil
}
