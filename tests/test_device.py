"""Laws of the choice of device, precision and threads."""

import subprocess
import sys

import pytest
import torch

from assay import device as devices
from assay.fault import Fault

CPU, CUDA, MPS = torch.device("cpu"), torch.device("cuda"), torch.device("mps")
FIRST = torch.device("cuda", 0)


@pytest.fixture
def there(monkeypatch):
    """Pretend that these accelerators, and no others, are there."""

    def pretend(*names):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in names)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2 * ("cuda" in names))
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in names)

    return pretend


@pytest.fixture
def bf16(monkeypatch):
    """Pretend that the hardware has instructions for bf16, or not, and whose it is."""

    def pretend(is_there, *, amx=False, maker="AuthenticAMD"):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: is_there)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: is_there)
        monkeypatch.setattr(devices, "_cpuinfo", {"vendor_id": maker}.get)

    return pretend


@pytest.fixture(autouse=True)
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("names", "chosen"), [([], CPU), (["mps"], MPS), (["cuda"], FIRST), (["cuda", "mps"], FIRST)]
)
def test_auto_takes_cuda_then_mps_then_the_cpu(there, names, chosen):
    there(*names)
    assert devices.choose_device("auto") == chosen


def test_each_process_on_a_machine_has_a_gpu_of_its_own(there, monkeypatch):
    there("cuda")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert devices.choose_device("auto") == torch.device("cuda", 1)
    assert devices.choose_device("cpu") == CPU
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(Fault, match=r"^params.yaml: train.processes: here are 2 GPUs, and each"):
        devices.choose_device("cuda")


def test_processes_on_a_machine_share_its_cores(monkeypatch):
    monkeypatch.setattr(devices, "cores", lambda: 7)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert devices.use_threads(None) == 3
    assert devices.use_threads(2) == 2
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "9")
    assert devices.use_threads(None) == 1


def test_the_cpu_is_always_there(there):
    there("cuda", "mps")
    assert devices.choose_device("cpu") == CPU


@pytest.mark.parametrize(
    ("names", "wanted", "choices"),
    [
        ([], "cuda", "choose auto or cpu"),
        (["mps"], "cuda", "choose auto, mps or cpu"),
        (["cuda"], "mps", "choose auto, cuda or cpu"),
    ],
)
def test_a_device_that_is_not_there_is_refused_with_the_choices(there, names, wanted, choices):
    there(*names)
    with pytest.raises(Fault, match=f"train.device: there is no {wanted} here; {choices}$"):
        devices.choose_device(wanted)


@pytest.mark.parametrize("device", [CPU, CUDA])
def test_auto_precision_is_bf16_where_the_hardware_multiplies_it(bf16, device):
    bf16(True)
    assert devices.choose_precision("auto", device) == torch.bfloat16
    bf16(False)
    assert devices.choose_precision("auto", device) == torch.float32


@pytest.mark.parametrize(("amx", "chosen"), [(True, torch.bfloat16), (False, torch.float32)])
def test_intels_bf16_is_taken_with_amx_alone(bf16, amx, chosen):
    bf16(True, amx=amx, maker="GenuineIntel")
    assert devices.choose_precision("auto", CPU) == chosen


@pytest.mark.parametrize("native", [True, False])
def test_a_precision_asked_for_is_used_whatever_the_hardware(bf16, native):
    bf16(native)
    assert devices.choose_precision("fp32", CPU) == torch.float32
    assert devices.choose_precision("bf16", CPU) == torch.bfloat16


def test_threads_are_those_asked_for():
    assert devices.use_threads(1) == torch.get_num_threads() == 1


def test_without_a_number_every_core_that_the_process_may_use_gets_a_thread(monkeypatch):
    monkeypatch.setattr(devices.os, "sched_getaffinity", lambda process: {0, 3}, raising=False)
    monkeypatch.setattr(devices.os, "cpu_count", lambda: 4)
    assert devices.use_threads(None) == 2


def test_a_training_that_need_not_repeat_itself_does_not_wait_for_torchs_compiler():
    code = (
        "import sys; from assay.device import prepared; from assay.params.train import Train; "
        "prepared(Train(epochs=1, batch_size=2, lr=1.0, device='cpu')); "
        "sys.exit('torch._inductor' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_timing_is_read_with_its_machine():
    machine = devices.machine(CPU, torch.bfloat16)
    assert (machine["device"], machine["precision"]) == ("cpu", "bf16")
    assert machine["threads"] == torch.get_num_threads()
    assert machine["name"].strip()
