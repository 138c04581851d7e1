"""Provisional ears."""
from __future__ import annotations
import asyncio, base64, json, math, sys
from duplex_frontend.types import Expected, Hypothesis, Source
class _Child:
    def __init__(self, p, on): self.p=p; self.on=on; self.sent=0; self.acked=0; self.final=None; self.task=asyncio.create_task(self.read()); self.text=""
    def send(self, **k):
        if k["t"]=="pcm": self.sent+=1
        self.p.stdin.write((json.dumps(k)+"\n").encode())
    async def read(self):
        async for line in self.p.stdout:
            m=json.loads(line)
            if m["t"]=="ack": self.acked+=1
            elif m["t"]=="partial": self.text=m["s"]; self.on()
            elif m["t"]=="final" and self.final: self.final.set_result(m)
class PocketsphinxEars:
    @classmethod
    async def start(cls, language, on_partial, on_trouble, believe=0.5):
        s=cls(); s.on_partial=on_partial; s.believe=believe
        async def child(kind):
            p=await asyncio.create_subprocess_exec(sys.executable,"-m","duplex_frontend.cascade.ear_child",kind,stdin=-1,stdout=-1)
            await p.stdout.readline(); return _Child(p,s.partial)
        s.g,s.o=await asyncio.gather(child("grammar"),child("open")); s.c=(s.g,s.o); return s
    def partial(self):
        h=[]
        if self.g.text: h.append(Hypothesis(self.g.text,0.6,Source.GRAMMAR))
        if self.o.text: h.append(Hypothesis(self.o.text,0.5,Source.OPEN))
        self.on_partial(tuple(h))
    def expect(self, e): self.g.send(t="expect",name=e.name if e.grammar else "",grammar=e.grammar,sounds=dict(e.sounds))
    def begin(self):
        for c in self.c: c.text=""; c.send(t="begin")
    def feed(self, pcm):
        for c in self.c: c.send(t="pcm",b=base64.b64encode(pcm).decode())
    async def end(self):
        for c in self.c: c.final=asyncio.get_running_loop().create_future(); c.send(t="end")
        g,o=await asyncio.gather(self.g.final,self.o.final); self.g.final=self.o.final=None
        rl=(g["score"]-o["score"])/max(g["n"],1); conf=1/(1+math.exp(-(rl-1.5e-4-0)/0.5)) if g["s"] else 0
        import os
        if os.environ.get("EARDBG"): print("EAR",rl,g,o,file=sys.stderr)
        h=[]
        if o["s"]: h.append(Hypothesis(o["s"],0.5,Source.OPEN))
        if g["s"]: h.insert(0 if rl>-1.0 or not h else 1, Hypothesis(g["s"],max(0.05,min(0.95,0.75+rl/4)),Source.GRAMMAR))
        return tuple(h)
    def cancel(self): pass
    async def settled(self):
        while any(c.acked<c.sent for c in self.c): await asyncio.sleep(0.002)
    async def aclose(self):
        for c in self.c:
            c.p.kill(); await c.p.wait(); c.task.cancel()
