package config

import "fmt"

// LoadTree reads a file that holds a value of any shape, such as the attachments of a
// webhook, as YAML or JSON: maps, lists and scalars as in [calbell.Webhook]. What is wrong
// comes back as by [Load].
func LoadTree(path string) (any, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r, err := newReader(data, path, nil)
	if err != nil {
		return nil, err
	}
	r.doc.open, r.doc.own = true, ownWords
	root, findings := r.doc.parse()
	r.findings = findings
	var value any
	if root != nil && !r.doc.enter("", root) {
		r.findings = append(r.findings, r.doc.finding(root.place, fmt.Sprintf("more than %d values", maxNodes), ""))
	} else if root != nil {
		value = r.value("", root)
	}
	r.doc.seal(r.findings...)
	if err := r.findings.err(); err != nil {
		return nil, err
	}
	return value, nil
}
