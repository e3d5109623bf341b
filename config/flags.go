package config

// Flag is a setting that calbell serve takes on the command line too.
type Flag struct {
	Name string // without its dashes: "log-level"
	Key  string // of the setting: "log.level"
}

// Flags returns the settings that have a flag, in the order of the file.
func Flags() (flags []Flag) {
	r := &reader{cfg: Default()}
	for _, s := range r.settings() {
		if s.flag != "" {
			flags = append(flags, Flag{s.flag, s.key})
		}
	}
	return flags
}

// byFlag returns a value that a flag can give as well.
func byFlag(name string, v value) value {
	v.flag = name
	return v
}
