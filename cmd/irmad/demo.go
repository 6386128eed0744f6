package main

import "context"

func demonstrate(_ context.Context, p *process) error { return nil }
