"""Replace one key by calls: made, tried, kept, tried from its store, and the old one revoked after the overlap."""

from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.rotation import Rotated, Todo
from sendspec.rotate.key_prospect import KeyProspect
from sendspec.rotate.key_resuming import KeyResuming
from sendspec.rotate.key_revoking import KeyRevoking


class KeyWork(KeyProspect, KeyResuming, KeyRevoking):
    """Everything about one key."""

    async def work(self, todo: Todo) -> Rotated:
        """Do it, as far as it comes."""
        standing = await self.look()
        if isinstance(standing, Unread):
            return self._failed(Outcome(Failure.LATER, standing.reason, standing.fix))
        if todo is Todo.BEGIN:
            return await self._begin(standing)
        if todo is Todo.RESUME:
            return await self._resume(standing)
        if todo is Todo.VERIFY:
            return await self._verify(str(self.record.under_way.get("new")), standing, {})
        return await self._revoke(standing, todo)
