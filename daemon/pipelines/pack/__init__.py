"""The parts of `npc_pack`: a table of lines, and the files and manifest that are made of it."""
