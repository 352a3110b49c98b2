"""The jobs that each node's rows bring: their keys, requests, prices and paths."""
