"""What `gradus train digits` does, in PyTorch: the same network, data, augmentation, schedule, epochs, log and checkpoints."""
import argparse
import csv
import math
import os
import time

import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("data", help="folder with MNIST's four files")
parser.add_argument("out")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--epochs", type=int, default=8)
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)
BATCH, RATE = 128, 3e-3


def idx(name, header):
    with open(os.path.join(args.data, name), "rb") as f:
        return torch.frombuffer(bytearray(f.read()), dtype=torch.uint8, offset=header)


images = idx("train-images-idx3-ubyte", 16).reshape(-1, 28, 28)
labels = idx("train-labels-idx1-ubyte", 8).long()
test_images = idx("t10k-images-idx3-ubyte", 16).reshape(-1, 784)
test_labels = idx("t10k-labels-idx1-ubyte", 8).long()

model = torch.nn.Sequential(
    torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
)
optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
batches = math.ceil(len(images) / BATCH)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=args.epochs * batches, cycle_momentum=False)


def moved(pictures):
    """Every picture by up to a pixel either way, along both axes."""
    n = len(pictures)
    wide = F.pad(pictures, (1, 1, 1, 1))
    rows = torch.randint(0, 3, (n, 1)) + torch.arange(28)
    columns = torch.randint(0, 3, (n, 1)) + torch.arange(28)
    return wide[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


os.makedirs(args.out, exist_ok=True)
with open(os.path.join(args.out, "log.csv"), "w", newline="") as file:
    log = csv.writer(file)
    log.writerow(["epoch", "loss", "accuracy", "seconds"])
    for epoch in range(args.epochs):
        begin = time.perf_counter()
        order = torch.randperm(len(images))
        loss_sum, right = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for chosen in order.split(BATCH):
            x = moved(images[chosen]).reshape(-1, 784).float() / 255
            y = labels[chosen]
            logits = model(x)
            loss = F.cross_entropy(logits, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                loss_sum += loss * len(y)
                right += (logits.argmax(1) == y).sum()
        mean, accuracy = loss_sum.item() / len(images), right.item() / len(images)
        seconds = time.perf_counter() - begin
        log.writerow([epoch + 1, mean, accuracy, seconds])
        print(f"epoch {epoch + 1}/{args.epochs}  loss {mean:.4f}  accuracy {accuracy * 100:.2f} %  {seconds:.1f} s", flush=True)
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, os.path.join(args.out, "last.pt"))
with torch.no_grad():
    guesses = torch.cat([model(b.float() / 255).argmax(1) for b in test_images.split(1000)])
print(f"test error {(guesses != test_labels).float().mean().item():.4f}")
