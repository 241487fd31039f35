"""Services, domains, owners, availability targets, exposure, dependencies, rota declarations; all as code."""
