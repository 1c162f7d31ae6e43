import asyncio
import time
async def two_findings() -> None:
 *   time.sleep(1), asyncio.sleep(1)  # asyncnint: ignore[blocking-sleep,shop missing-await]
