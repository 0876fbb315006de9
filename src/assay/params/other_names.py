"""What choices are called elsewhere, where the nearest spelling would mislead."""

_NORMS = {
    **{f"{kind}{end}": name
       for kind, name in [("batch", "bn"), ("instance", "in"), ("layer", "ln"), ("group", "gn")]
       for end in ("", "norm", "_norm", "norm2d")},
    "batch_instance": "bin",
    "batch_instance_norm": "bin",
}  # fmt: skip
_INITIALISATIONS = {
    "he": "kaiming_normal",
    "he_normal": "kaiming_normal",
    "he_uniform": "kaiming_uniform",
    "kaiming": "kaiming_normal",
    "glorot": "xavier_uniform",
    "glorot_normal": "xavier_normal",
    "glorot_uniform": "xavier_uniform",
    "xavier": "xavier_uniform",
    "default": "torch",
}
_NETWORKS = {
    **{f"resnet{6 * n + 2}": f"cifar_resnet with n: {n}" for n in (3, 5, 7, 9, 18)},
    "resnet164": "cifar_preact_resnet with n: 18",
    **{f"vgg{depth}_bn": f"vgg{depth} with norm: bn" for depth in (11, 13, 16, 19)},
}
OTHER_NAMES = _NORMS | _INITIALISATIONS | _NETWORKS
