"""What a person looks at: conversations as text, and the trace viewer."""
