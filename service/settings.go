package service

import "calbell"

// Settings returns what is configured, and where each value comes from; secrets are left out.
func (s *Service) Settings(who calbell.Caller) ([]calbell.SettingRow, error) {
	if err := admin(who); err != nil {
		return nil, err
	}
	return s.program.Settings(), nil
}
