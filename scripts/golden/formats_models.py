# Tiny networks of Hugging Face and torchvision with random weights, saved as their users save them, and what they compute.
import torch
import transformers
from formats_common import entry
from safetensors.torch import save_file
from torch import nn
from torchvision.models import resnet


def write(out):
    torch.manual_seed(1)
    ids = torch.tensor([[1, 5, 2, 7], [0, 3, 3, 10]])
    values = {}

    gpt = transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=11, n_positions=6, n_embd=8, n_layer=2, n_head=2)).eval()
    save_file({k: v.contiguous() for k, v in gpt.state_dict().items() if k != 'lm_head.weight'}, out / 'tiny-gpt2.safetensors', {'format': 'pt'})
    values['gpt2'] = entry((2, 4, 11), gpt(ids).logits.flatten().tolist())

    bert = transformers.BertModel(transformers.BertConfig(vocab_size=11, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, max_position_embeddings=6)).eval()
    torch.save(bert.state_dict(), out / 'tiny-bert.bin')
    values['bert'] = entry((2, 4, 8), bert(ids).last_hidden_state.flatten().tolist())

    widths = [3, 4, 4, 5]
    net = resnet.ResNet(resnet.BasicBlock, [1, 1, 1, 1], num_classes=2)
    net.inplanes = widths[0]
    net.conv1, net.bn1 = nn.Conv2d(3, net.inplanes, 7, 2, 3, bias=False), nn.BatchNorm2d(net.inplanes)
    for i, width in enumerate(widths):
        setattr(net, f'layer{i + 1}', net._make_layer(resnet.BasicBlock, width, 1, stride=1 if i == 0 else 2))
    net.fc = nn.Linear(net.inplanes, 2)
    picture = torch.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
    net(picture + torch.randn(4, 3, 32, 32))  # moves the running statistics
    torch.save(net.eval().state_dict(), out / 'tiny-resnet.pth')
    values['resnet'] = entry((1, 2), net(picture).flatten().tolist())
    return {'models': values}
