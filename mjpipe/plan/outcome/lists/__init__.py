"""Jobs one by one, for `plan --jobs`: kept while a plan is made, then shown."""
