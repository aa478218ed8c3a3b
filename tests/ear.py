"""An ear in the browser: records what a page sends to its loudspeakers."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, Final

import numpy as np

CHROMIUM: Final[dict[str, Any]] = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
    ],
}  # fmt: skip

# Whatever is connected to the destination goes through a recorder of ours on its way.
EAR_SCRIPT: Final = """
(() => {
  const ear = (window.__ear = { samples: [], rate: 0 });
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && !(this instanceof ScriptProcessorNode)) {
      const tap = this.context.createScriptProcessor(4096, 1, 1);
      ear.rate = this.context.sampleRate;
      tap.onaudioprocess = (event) => {
        const heard = event.inputBuffer.getChannelData(0);
        ear.samples.push(Float32Array.from(heard));
        event.outputBuffer.getChannelData(0).set(heard);
      };
      connect.call(this, tap);
      connect.call(tap, this.context.destination);
      return target;
    }
    return connect.call(this, target, ...rest);
  };
})();
"""

_TAKE: Final = """
() => {
  const all = window.__ear.samples;
  const joined = new Float32Array(all.reduce((n, a) => n + a.length, 0));
  let at = 0;
  for (const part of all) { joined.set(part, at); at += part.length; }
  const bytes = new Uint8Array(joined.buffer);
  let text = "";
  for (let n = 0; n < bytes.length; n += 32768) text += String.fromCharCode(...bytes.subarray(n, n + 32768));
  return [btoa(text), window.__ear.rate];
}
"""


async def heard_samples(page: Any, silence_s: float, timeout_s: float = 30.0) -> tuple[np.ndarray, int]:
    """Everything heard until it has been still for `silence_s` after sound: (float samples, Hz)."""
    async with asyncio.timeout(timeout_s):
        while True:
            text, rate = await page.evaluate(_TAKE)
            samples = np.frombuffer(base64.b64decode(text), "<f4")
            tail = samples[-int(silence_s * rate) :] if rate else samples
            if rate and np.abs(samples).max(initial=0) > 0.05 and np.abs(tail).max(initial=0) < 0.01:
                return samples, int(rate)
            await asyncio.sleep(0.25)
