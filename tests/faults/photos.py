"""Photos on the wire, sent by a tus client that we did not write."""

from __future__ import annotations

import hashlib
import io

import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.faults.field import Away, LivePhone

PART = 32 * 1024


class Photo:
    """A photo on its way. It goes on where the server says, after whatever happened."""

    def __init__(self, phone: LivePhone, data: bytes) -> None:
        self.phone, self.data = phone, data
        self.sha = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.url: str | None = None

    def send(self) -> None:
        """Raises Away when it did not get through; what arrived is kept."""
        wire = self.phone.wire
        client = TusClient(f"{wire.address}/api/v1/uploads", headers=wire.headers)
        uploader = None
        try:
            uploader = client.uploader(
                file_stream=io.BytesIO(self.data),
                # As our own phones do: whatever the server calls itself, it is reached by the address that we know.
                url=self.url and f"{wire.address}/api/v1/uploads/{self.url.rsplit('/', 1)[-1]}",
                chunk_size=PART,
                metadata={"sha256": self.sha.removeprefix("sha256:"), "type": "image/jpeg"},
                upload_checksum=True,
            )
            uploader.upload()
        except (TusCommunicationError, requests.RequestException) as error:
            if getattr(error, "status_code", None) == 404:
                uploader = self.url = None
            code = getattr(error, "response_content", None) or b""
            raise Away(code.decode() or str(error)) from error
        except (TypeError, ValueError) as error:
            # http.client takes a head that was cut for a whole one: then the offset is missing, or half of it is,
            # and so may the address be, which the server does not know (404).
            raise Away(f"the head of an answer was cut: {error}") from error
        finally:
            self.url = uploader.url if uploader is not None and uploader.url else self.url

    def kept(self) -> bytes:
        """The bytes as the server gives them back."""
        wire = self.phone.wire
        return requests.get(
            f"{wire.address}/api/v1/blobs/{self.sha}", headers=wire.headers, timeout=60
        ).content
