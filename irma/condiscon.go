package irma

// AttributeRequest asks for one attribute, or for possession of a credential
// when Type has three parts. In JSON it is the bare identifier when neither
// Value nor NotNull is set.
type AttributeRequest struct {
	Type    AttributeTypeID `json:"type"`
	Value   *string         `json:"value,omitempty"`   // required raw value; nil for any
	NotNull bool            `json:"notNull,omitempty"` // refuse an absent optional attribute
}

// Con is an inner conjunction: all its attributes are required. Attributes of
// one credential type must be adjacent and come from one credential. The empty
// Con makes its DisCon optional.
type Con []AttributeRequest

// DisCon is a disjunction: one of its conjunctions must be satisfied.
type DisCon []Con

// ConDisCon is the outer conjunction: every disjunction must be satisfied.
type ConDisCon []DisCon

// Attributes calls yield for every attribute request, in order, until it
// returns false. It is an iter.Seq over the whole condiscon.
func (c ConDisCon) Attributes(yield func(AttributeRequest) bool) {
	for _, discon := range c {
		for _, con := range discon {
			for _, attr := range con {
				if !yield(attr) {
					return
				}
			}
		}
	}
}

// Accepts reports whether an attribute with this value satisfies the request's
// Value and NotNull. A nil value is an absent optional attribute.
func (r AttributeRequest) Accepts(value *string) bool {
	if value == nil {
		return !r.NotNull && r.Value == nil
	}
	return r.Value == nil || *r.Value == *value
}
