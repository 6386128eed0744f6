package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// members are those of a JSON object.
type members = map[string]any

// schemaChecker checks values against the part of JSON Schema that the description
// uses. Unknown keywords are an error, so that none is skipped unnoticed.
type schemaChecker struct {
	schemas members // of components
}

// check returns what is wrong with a value at a path, "" for nothing.
func (c *schemaChecker) check(path string, schema members, value any) string {
	for keyword, argument := range schema {
		if problem := c.keyword(path, keyword, argument, schema, value); problem != "" {
			return problem
		}
	}
	if given, isObject := value.(members); isObject && schema["properties"] != nil {
		return c.unknown(path, schema, given)
	}
	return ""
}

func (c *schemaChecker) keyword(path, keyword string, argument any, schema members, value any) string {
	given, _ := value.(members)
	switch keyword {
	case "description", "format", "additionalProperties":
		if inner, ok := argument.(members); ok {
			for name, member := range given {
				if problem := c.check(path+"."+name, inner, member); problem != "" {
					return problem
				}
			}
		}
	case "$ref":
		name := strings.TrimPrefix(argument.(string), "#/components/schemas/")
		return c.check(path, c.schemas[name].(members), value)
	case "type":
		return checkType(path, argument, value)
	case "properties":
		for name, inner := range argument.(members) {
			if member, has := given[name]; has {
				if problem := c.check(path+"."+name, inner.(members), member); problem != "" {
					return problem
				}
			}
		}
	case "required":
		for _, name := range argument.([]any) {
			if _, has := given[name.(string)]; !has {
				return fmt.Sprintf("%s has no %s", path, name)
			}
		}
	case "items":
		elements, _ := value.([]any)
		for i, element := range elements {
			if problem := c.check(fmt.Sprintf("%s[%d]", path, i), argument.(members), element); problem != "" {
				return problem
			}
		}
	case "enum":
		if !slices.Contains(argument.([]any), value) {
			return fmt.Sprintf("%s is %v, want one of %v", path, value, argument)
		}
	case "const":
		if value != argument {
			return fmt.Sprintf("%s is %v, want %v", path, value, argument)
		}
	case "pattern":
		if text, isText := value.(string); isText && !regexp.MustCompile(argument.(string)).MatchString(text) {
			return fmt.Sprintf("%s is %q, which does not match %s", path, text, argument)
		}
	case "minimum", "maximum":
		number, isNumber := value.(float64)
		if bound := argument.(float64); isNumber && (keyword == "minimum" && number < bound || keyword == "maximum" && number > bound) {
			return fmt.Sprintf("%s is %v, %s is %v", path, number, keyword, bound)
		}
	case "anyOf":
		return c.anyOf(path, argument.([]any), value)
	default:
		return fmt.Sprintf("the checker does not know %s in %v", keyword, schema)
	}
	return ""
}

func (c *schemaChecker) anyOf(path string, choices []any, value any) string {
	var problems []string
	for _, choice := range choices {
		problem := c.check(path, choice.(members), value)
		if problem == "" {
			return ""
		}
		problems = append(problems, problem)
	}
	return "none of: " + strings.Join(problems, "; ")
}

// unknown finds members that the description does not have: OpenAPI allows them,
// but the description is to be complete.
func (c *schemaChecker) unknown(path string, schema, given members) string {
	known := schema["properties"].(members)
	for name := range given {
		if known[name] == nil {
			return fmt.Sprintf("%s.%s is not described", path, name)
		}
	}
	return ""
}

func checkType(path string, want, value any) string {
	if choices, several := want.([]any); several {
		for _, choice := range choices {
			if checkType(path, choice, value) == "" {
				return ""
			}
		}
		return fmt.Sprintf("%s is %v, want %v", path, value, want)
	}
	ok := false
	switch value := value.(type) {
	case string:
		ok = want == "string"
	case bool:
		ok = want == "boolean"
	case nil:
		ok = want == "null"
	case float64:
		ok = want == "number" || want == "integer" && value == math.Trunc(value)
	case []any:
		ok = want == "array"
	case members:
		ok = want == "object"
	}
	if !ok {
		return fmt.Sprintf("%s is %v, want a value of type %v", path, value, want)
	}
	return ""
}
