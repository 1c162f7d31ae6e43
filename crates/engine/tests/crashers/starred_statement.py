import asyncio
async def heartbeat(websot) -> None:
    while not websocket.closed:
        await websocket.ping()
  
    *   asyncio.sleep(20)  # error: [missing-await]
