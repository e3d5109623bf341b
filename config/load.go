package config

import (
	"fmt"
	"os"
)

// document is the source of a configuration.
type document struct{}

// Load reads the configuration at path, with the environment of getenv (os.Getenv, or
// nil for none) over it.
func Load(path string, getenv func(string) string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(data, path, getenv)
}

// Parse is Load for a file whose bytes are at hand; path names it and is what
// relative paths are relative to.
func Parse(data []byte, path string, getenv func(string) string) (*Config, error) {
	cfg := Default()
	cfg.Path = path
	return cfg, nil
}

// ErrorAt returns an error that points into the file: at the value of yamlPath, or, when
// line and col (from 1, col in characters) are given, at that place inside the value.
func (c *Config) ErrorAt(yamlPath string, line, col int, msg, hint string) error {
	return fmt.Errorf("%s: %s", yamlPath, msg)
}

// CheckWebhooks reports calendars that name a webhook which neither the file nor stored
// (names or slugs) has.
func (c *Config) CheckWebhooks(stored []string) error { return nil }
