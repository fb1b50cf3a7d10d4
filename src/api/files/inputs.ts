import { z } from "zod";
import type { CreateUploadInput } from "../../commands/commands.ts";
import { fileOf } from "../../domain/events.ts";
import type * as Api from "../generated.ts";
import { keyed, parsed } from "../inputs.ts";

const creating = z.object({ ...keyed, ...fileOf });

export const createUploadInput = (input: Api.CreateUploadInput): CreateUploadInput => parsed(creating, input);
