package config

// Flag is a setting that `calbell serve` also accepts on the command line.
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

// byFlag returns a value that can also be given as a flag.
func byFlag(name string, v value) value {
	v.flag = name
	return v
}
