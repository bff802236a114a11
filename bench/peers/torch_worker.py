"""PyTorch as a contender: reads commands (JSON, a line each) on stdin, answers on stdout after an '@'."""
import json
import math
import os
import resource
import sys
import time

# What torch.compile makes stays for the next run.
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".cache", "inductor"))
os.environ.setdefault("TORCHINDUCTOR_FX_GRAPH_CACHE", "1")

import torch
import torch.nn.functional as F

BATCHES, CHECKED, BLOCK = 4, 6, 0.3e-3
# "cuda": on the card (float32 in full, as PyTorch does by default).
DEVICE = sys.argv[1] if len(sys.argv) > 1 else "cpu"


def read_inputs(path):
    with open(path + ".json") as f:
        file = json.load(f)
    with open(path + ".bin", "rb") as f:
        raw = bytearray(f.read())
    values = {}
    for e in file["entries"]:
        count = math.prod(e["shape"])
        kind = torch.int32 if e["dtype"] == "int32" else torch.float32
        t = torch.frombuffer(raw, dtype=kind, count=count, offset=4 * e["at"]).clone().reshape(e["shape"])
        values[e["name"]] = (t.long() if kind == torch.int32 else t).to(DEVICE)
    return values, file["trained"]


def attention(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    T = q.shape[-2]
    past = torch.ones(T, T, dtype=torch.bool, device=q.device).tril()
    scores = (q @ k.transpose(-1, -2)) / math.sqrt(q.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ v


def forward(task, p, x):
    network = task["network"]

    def linear(name, a):
        return F.linear(a, p[name + ".weight"], p[name + ".bias"])

    def conv(name, a, padding):
        return F.conv2d(a, p[name + ".weight"], p[name + ".bias"], padding=padding)

    if network == "mlp":
        last = len(task["widths"]) - 2
        for i in range(last + 1):
            x = linear(f"layers.{i}", x)
            if i < last:
                x = F.relu(x)
        return x
    if network == "lenet":
        x = F.max_pool2d(F.relu(conv("conv1", x, 2)), 2)
        x = F.max_pool2d(F.relu(conv("conv2", x, 0)), 2).flatten(1)
        return linear("out", F.relu(linear("full2", F.relu(linear("full1", x)))))
    if network == "cnn":
        x = F.max_pool2d(F.relu(conv("convs.1", F.relu(conv("convs.0", x, 1)), 1)), 2)
        x = F.max_pool2d(F.relu(conv("convs.3", F.relu(conv("convs.2", x, 1)), 1)), 2).flatten(1)
        return linear("out", F.relu(linear("full", x)))
    g = task["gpt"]
    H, D = g["heads"], g["width"]

    def norm(name, a):
        return F.layer_norm(a, (D,), p[name + ".weight"], p[name + ".bias"])

    B, T = x.shape
    x = F.embedding(x, p["tokens.weight"]) + p["positions.weight"]
    for i in range(g["layers"]):
        b = f"blocks.{i}."
        q, k, v = (t.view(B, T, H, D // H).transpose(1, 2) for t in linear(b + "qkv", norm(b + "norm1", x)).split(D, -1))
        x = x + linear(b + "proj", attention(q, k, v).transpose(1, 2).reshape(B, T, D))
        x = x + linear(b + "down", F.gelu(linear(b + "up", norm(b + "norm2", x))))
    return linear("head", norm("norm", x))


def optimizer_of(spec, params):
    if spec["kind"] == "sgd":
        return torch.optim.SGD(params, lr=spec["lr"])
    return (torch.optim.Adam if spec["kind"] == "adam" else torch.optim.AdamW)(params, lr=spec["lr"])


def load_step(task, path, compiled):
    values, trained = read_inputs(path)
    params = {name: values[name].requires_grad_() for name in trained}
    optimizer = optimizer_of(task["optimizer"], list(params.values()))

    def loss_of(x, y):
        logits = forward(task, params, x)
        return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))

    begin = time.perf_counter()
    f = torch.compile(loss_of) if compiled else loss_of
    data = [(values[f"x{b}"], values[f"y{b}"]) for b in range(BATCHES)]
    state = {"i": 0}

    def run():
        x, y = data[state["i"] % BATCHES]
        state["i"] += 1
        optimizer.zero_grad(set_to_none=True)
        loss = f(x, y)
        loss.backward()
        optimizer.step()
        return loss

    check = [run().item() for _ in range(CHECKED)]
    return check, run, {"firstMs": (time.perf_counter() - begin) * 1e3}


def load_op(task, path, compiled):
    values, _ = read_inputs(path)
    inputs = list(values.values())
    kind = task["kind"]
    if kind == "gemm":
        f = (lambda a, b: F.linear(a, b)) if task["transposed"] else torch.mm
    elif kind == "conv":
        f = lambda x, w: F.conv2d(x, w, padding=(task["window"] - 1) // 2)
    elif kind == "softmax":
        f = lambda x: x.softmax(-1)
    elif kind == "layernorm":
        f = lambda x, w, b: F.layer_norm(x, (x.shape[-1],), w, b)
    else:
        f = lambda x, y: x * y + x
    if compiled:
        f = torch.compile(f)

    def run():
        with torch.no_grad():
            return f(*inputs)

    out = run().flatten()
    n = min(64, out.numel())
    check = [out[(i * (out.numel() - 1)) // max(1, n - 1)].item() for i in range(n)]
    return check, run, {}


def load_generate(task, path):
    p, _ = read_inputs(path)
    g, prompt = task["gpt"], p["prompt"].reshape(1, -1)
    H, D = g["heads"], g["width"]
    state = {}

    def linear(name, a):
        return F.linear(a, p[name + ".weight"], p[name + ".bias"])

    def norm(name, a):
        return F.layer_norm(a, (D,), p[name + ".weight"], p[name + ".bias"])

    def read(tokens):
        T, at = tokens.shape[1], state["said"]
        x = F.embedding(tokens, p["tokens.weight"]) + p["positions.table.weight"][at : at + T]
        for i in range(g["layers"]):
            b = f"blocks.{i}."
            a = norm(b + "norm1", x)
            q, k, v = (linear(b + "attention." + part, a).view(1, T, H, D // H).transpose(1, 2) for part in ("query", "key", "value"))
            if at > 0:
                k, v = (torch.cat([old, new], 2) for old, new in zip(state["past"][i], (k, v)))
            state["past"][i] = (k, v)
            if T > 1:
                y = attention(q, k, v)
            elif hasattr(F, "scaled_dot_product_attention"):
                y = F.scaled_dot_product_attention(q, k, v)
            else:
                y = ((q @ k.transpose(-1, -2)) / math.sqrt(D // H)).softmax(-1) @ v
            x = x + linear(b + "attention.out", y.transpose(1, 2).reshape(1, T, D))
            x = x + linear(b + "contract", F.gelu(linear(b + "expand", norm(b + "norm2", x)), approximate="tanh"))
        state["said"] = at + T
        state["logits"] = F.linear(norm("norm", x[:, -1]), p["tokens.weight"])

    def begin_again():
        state.update(said=0, past=[None] * g["layers"])
        read(prompt)

    def run():
        with torch.no_grad():
            if state["said"] == g["context"]:
                begin_again()
            token = state["logits"].argmax(-1)
            said = token.item()
            read(token.reshape(1, 1))
            return said

    begin = time.perf_counter()
    with torch.no_grad():
        begin_again()
    check = [run() for _ in range(CHECKED)]
    return check, run, {"firstMs": (time.perf_counter() - begin) * 1e3}


def time_runs(run, budget):
    now = time.perf_counter
    if DEVICE == "cuda":
        on_card = run

        def run():
            on_card()
            torch.cuda.synchronize()

    began = now()
    run()
    size = max(1, round(BLOCK / max(now() - began, 1e-7)))
    times, runs, cpu = [], 0, time.process_time()
    end = now() + budget
    while True:
        began = now()
        for _ in range(size):
            run()
        passed = now() - began
        times.append(passed / size)
        runs += size
        if passed < BLOCK / 2:
            size *= 2
        if now() >= end:
            break
    cpu = time.process_time() - cpu
    times.sort()
    half = len(times) // 2
    middle = times[half] if len(times) % 2 else (times[half - 1] + times[half]) / 2
    return {"ms": middle * 1e3, "cpuMs": cpu / runs * 1e3, "runs": runs}


def main():
    # Answers go to a copy of stdout: what compilers print does not mix in.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    run = None
    for line in sys.stdin:
        try:
            command = json.loads(line)
            do = command["do"]
            if do == "versions":
                blas = "mkl" if torch.backends.mkl.is_available() else "other"
                reply = {"torch": torch.__version__, "python": sys.version.split()[0], "blas": blas, **({"card": torch.cuda.get_device_name()} if DEVICE == "cuda" else {})}
            elif do == "load":
                run = None
                torch.set_num_threads(command.get("threads", 1))
                compiled = command.get("compiled", False)
                if compiled and not hasattr(torch, "compile"):
                    raise RuntimeError("this PyTorch has no torch.compile")
                if compiled:
                    torch._dynamo.reset()
                task = command["task"]
                if task["kind"] == "generate":
                    check, run, notes = load_generate(task, command["path"])
                else:
                    check, run, notes = (load_step if task["kind"] == "step" else load_op)(task, command["path"], compiled)
                reply = {"check": check, "notes": notes}
            elif do == "time":
                reply = time_runs(run, command["ms"] / 1e3)
            else:
                reply = {"peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}
        except Exception as error:  # the reason goes into the report
            reply = {"error": (str(error).strip() or type(error).__name__).split("\n")[0]}
        out.write("@" + json.dumps(reply) + "\n")


main()
