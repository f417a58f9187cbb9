"""Logins under way: browser flows and device flows, per identity, bounded in time and number (spec 06, 6.3 to 6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.auth.providers import LoginProvider
    from meerkat_mock.auth.realms import Identity
    from meerkat_mock.world.oauth import Device

FLOW_LIMIT = 1024
"""Outstanding flows of a whole process, browser and device together."""
BROWSER_SECONDS = 600.0


class Rejected(Exception):
    """A transition that the login state does not allow; `str()` is what stands after `oauth ... failed: `."""

    def __init__(self, step: str, guard: str, tail: str) -> None:
        why = tail.format(guard=guard)
        super().__init__(f"oauth flow lifecycle transition rejected during {step}: DSL transition rejected in {step}: {why}")


@dataclass(frozen=True)
class BrowserFlow:
    """A login that waits for its code."""

    state: str
    identity: Identity
    provider: LoginProvider
    redirect_uri: str
    deadline: float


@dataclass(frozen=True)
class DeviceFlow:
    """A login that is polled."""

    device_code: str
    identity: Identity
    provider: LoginProvider
    device: Device
    deadline: float


_STEPS = {
    "admit_oauth_browser_flow": "AdmitOAuthBrowserFlow",
    "admit_oauth_device_flow": "AdmitOAuthDeviceFlow",
    "verify_oauth_browser_flow": "VerifyOAuthBrowserFlow",
    "begin_oauth_device_poll": "BeginOAuthDevicePoll",
}


class Flows:
    """All flows of one process."""

    def __init__(self) -> None:
        self._browser: dict[str, BrowserFlow] = {}
        self._device: dict[str, DeviceFlow] = {}

    def admit(self, step: str, now: float) -> None:
        """Raise `Rejected` if there is no room for one more flow."""
        self._forget_late(now)
        count = len(self._browser) + len(self._device)
        if count >= FLOW_LIMIT:
            tail = f"transition {{guard}} guard oauth_global_capacity_available failed: {count} outstanding OAuth flows >= {FLOW_LIMIT} max"
            raise Rejected(step, _STEPS[step], tail)

    def start_browser(self, flow: BrowserFlow, now: float) -> None:
        """Keep a browser flow. Raises `Rejected`."""
        self.admit("admit_oauth_browser_flow", now)
        self._browser[flow.state] = flow

    def start_device(self, flow: DeviceFlow, *, phase: str | None, now: float) -> None:
        """Keep a device flow. Raises `Rejected`, also for a device code that is pending already; `phase` is as with `browser`."""
        self.admit("admit_oauth_device_flow", now)
        if flow.device_code in self._device:
            raise _guarded("admit_oauth_device_flow", phase)
        self._device[flow.device_code] = flow

    def browser(
        self, state: str, identity: Identity, provider: LoginProvider, redirect_uri: str, *, phase: str | None, now: float
    ) -> BrowserFlow:
        """Return the flow of a state if everything fits it. Raises `Rejected`; `phase` is the login state of the asking identity."""
        self._forget_late(now)
        flow = self._browser.get(state)
        if flow is None or (flow.identity, flow.provider, flow.redirect_uri) != (identity, provider, redirect_uri):
            raise self._refusal("verify_oauth_browser_flow", identity, phase)
        return flow

    def device(self, device_code: str, identity: Identity, provider: LoginProvider, *, phase: str | None, now: float) -> DeviceFlow:
        """Return the flow of a device code if everything fits it. Raises `Rejected`."""
        self._forget_late(now)
        flow = self._device.get(device_code)
        if flow is None or (flow.identity, flow.provider) != (identity, provider):
            raise self._refusal("begin_oauth_device_poll", identity, phase)
        return flow

    def _refusal(self, step: str, identity: Identity, phase: str | None) -> Rejected:
        if phase is None and not self.pending(identity):
            return Rejected(step, _STEPS[step], f"no auth machine registered for lease_key `{identity}`")
        return _guarded(step, phase)

    def pending(self, identity: Identity) -> bool:
        """Tell whether a login of this identity is under way."""
        return any(flow.identity == identity for flow in self._all())

    def _all(self) -> list[BrowserFlow | DeviceFlow]:
        return [*self._browser.values(), *self._device.values()]

    def consume(self, flow: BrowserFlow | DeviceFlow) -> None:
        """End a flow."""
        if isinstance(flow, BrowserFlow):
            self._browser.pop(flow.state, None)
        else:
            self._device.pop(flow.device_code, None)

    def drop(self, identity: Identity) -> None:
        """End all flows of an identity."""
        for flow in self._all():
            if flow.identity == identity:
                self.consume(flow)

    def _forget_late(self, now: float) -> None:
        for flow in self._all():
            if flow.deadline <= now:
                self.consume(flow)


def _guarded(step: str, phase: str | None) -> Rejected:
    return Rejected(step, _STEPS[step], f"guard rejected transition from phase {phase or 'ReauthRequired'} for {{guard}}")
