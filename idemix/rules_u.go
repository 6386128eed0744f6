package idemix

// checkShape applies the rules on commitments, cheapest first.
func (c *commitment) checkShape() error {
	return inOrder(
		c.checkUserShares,
		c.checkRanges,
		c.invert,
	)
}

// invert checks that U is in the group, by the inverse that the equation takes.
func (c *commitment) invert() (err error) {
	c.inverse, err = inverted("U", c.proof.U, modulus(c.key))
	return err
}

// checkUserShares checks that the wallet contributes to exactly the attributes
// of the type that are randomblind. The commitment is multiplied into what the
// issuer signs, so a contribution anywhere else would change an attribute whose
// value the issuer decides, the metadata included.
func (c *commitment) checkUserShares() error {
	expected := c.typ.RandomblindPositions()
	for _, position := range expected {
		if _, ok := c.proof.MUserResponses[position+firstIndex]; !ok {
			return violated("m_user_responses lacks the randomblind attribute %d", position+firstIndex)
		}
	}
	if len(c.proof.MUserResponses) != len(expected) {
		return violated("m_user_responses has attributes that are not randomblind")
	}
	for _, position := range expected {
		if position+firstIndex >= len(c.key.R) {
			return violated("the key has no base for attribute %d", position+firstIndex)
		}
	}
	return nil
}

// checkRanges checks the sizes of all integers.
func (c *commitment) checkRanges() error {
	params := c.key.Params
	return first(
		atMost(challengeBits, "c", c.proof.C),
		atMost(params.LvPrimeCommit+1, "v_prime_response", c.proof.VPrimeResponse),
		atMost(params.LmCommit+2, "s_response", c.proof.SResponse),
		mapAtMost(params.LmCommit+2, "m_user_responses", c.proof.MUserResponses),
	)
}
