"""What every concept stands on: transactions, problems, audit, jobs, objects, clock, policy. Knows no mine."""
