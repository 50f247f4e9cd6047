"""The sandbox: a provider inside this program, for trying the whole flow without any account."""

from payments.gateways.sandbox.adapter import SandboxGateway

__all__ = ["SandboxGateway"]
