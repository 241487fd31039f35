"""Services, domains, owners, availability targets, exposure, dependencies, rotas; all as code."""
