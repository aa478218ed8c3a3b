"""The room of the Qwen3-TTS engine, and the only one where torch may be imported. It is still empty."""
