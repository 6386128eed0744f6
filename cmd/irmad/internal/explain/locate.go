package explain

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

var stepPattern = pattern(`\.([^\s.\["]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]`)

// locate returns where the value at a path begins in JSON, or the innermost value
// around it that is there.
func locate(data []byte, path string) int {
	decoder := json.NewDecoder(bytes.NewReader(data))
	begin := start(data, decoder)
	for _, step := range stepPattern().FindAllStringSubmatch(path, -1) {
		var found bool
		if step[2] != "" {
			index, _ := strconv.Atoi(step[2])
			found = toElement(decoder, index)
		} else {
			found = toMember(decoder, memberName(step))
		}
		if !found {
			break
		}
		begin = start(data, decoder)
	}
	return begin
}

func memberName(step []string) string {
	if step[1] != "" {
		return step[1]
	}
	var name string
	if err := json.Unmarshal([]byte(`"`+step[3]+`"`), &name); err != nil {
		return step[3]
	}
	return name
}

// start returns where the next value begins.
func start(data []byte, decoder *json.Decoder) int {
	offset := int(decoder.InputOffset())
	for offset < len(data) && strings.IndexByte(" \t\r\n,:", data[offset]) >= 0 {
		offset++
	}
	return offset
}

// toElement reads up to the element of a list.
func toElement(decoder *json.Decoder, index int) bool {
	if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
		return false
	}
	var skipped json.RawMessage
	for range index {
		if !decoder.More() || decoder.Decode(&skipped) != nil {
			return false
		}
	}
	return decoder.More()
}

// toMember reads up to the value of a member of an object, whose name may have any
// case.
func toMember(decoder *json.Decoder, name string) bool {
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return false
	}
	var skipped json.RawMessage
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return false
		}
		if text, isText := key.(string); isText && strings.EqualFold(text, name) {
			return true
		}
		if decoder.Decode(&skipped) != nil {
			return false
		}
	}
	return false
}
