"""The request of a job: params compiled, rendered, converted, checked by the service's rules, and what is wrong."""
