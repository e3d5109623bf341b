package config

// LoadTree reads a YAML or JSON file with a value of any shape, such as the attachments of
// a webhook. The result consists of maps, lists and scalars as in [calbell.Webhook]. Errors
// are as in [Load].
func LoadTree(path string) (any, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r, err := newReader(data, path, nil)
	if err != nil {
		return nil, err
	}
	r.doc.Open, r.doc.OwnWords = true, ownWords
	root, findings := r.doc.Parse()
	r.findings = findings
	var value any
	if root != nil {
		value, findings = r.doc.Value("", root)
		r.findings = append(r.findings, findings...)
	}
	r.doc.Seal(r.findings...)
	if err := r.findings.Err(); err != nil {
		return nil, err
	}
	return value, nil
}
