"""The configuration room: layers of TOML, validated once."""
