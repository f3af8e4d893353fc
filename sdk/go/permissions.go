package guard

import (
	"regexp"
	"slices"
	"strings"
)

const (
	namePattern = `[A-Za-z0-9_-]+`
	partPattern = `(?:\*|\^?` + namePattern + `(?:\|` + namePattern + `)*)`
)

var (
	patternSyntax    = regexp.MustCompile(`^` + partPattern + `(?:\.` + partPattern + `){0,19}$`)
	permissionSyntax = regexp.MustCompile(`^` + namePattern + `(?:\.` + namePattern + `){0,19}$`)
)

// Allows reports whether one of the granted patterns allows a permission such as "things.read" (docs/permissions.md of Writ).
// An invalid pattern allows nothing, and a permission that is not just names is never allowed.
func Allows(granted []string, permission string) bool {
	if len(permission) > 200 || !permissionSyntax.MatchString(permission) {
		return false
	}
	names := strings.Split(permission, ".")
	return slices.ContainsFunc(granted, func(pattern string) bool { return matches(pattern, names) })
}

func matches(pattern string, names []string) bool {
	if len(pattern) > 400 || !patternSyntax.MatchString(pattern) {
		return false
	}
	parts := strings.Split(pattern, ".")
	if len(parts) > len(names) {
		return false
	}
	for i, part := range parts {
		if !partAllows(part, names[i]) {
			return false
		}
	}
	return true
}

func partAllows(part, name string) bool {
	if part == "*" {
		return true
	}
	if others, ok := strings.CutPrefix(part, "^"); ok {
		return !slices.Contains(strings.Split(others, "|"), name)
	}
	return slices.Contains(strings.Split(part, "|"), name)
}
