"""The catalogue: what is known of models before anybody asks their provider."""
