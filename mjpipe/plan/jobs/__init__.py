"""The jobs that a manifest's nodes make of their rows: keys, requests, prices and paths."""
