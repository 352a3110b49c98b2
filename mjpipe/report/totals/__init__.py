"""Records of the ledger, added up: jobs, money, and the causes of failures."""
