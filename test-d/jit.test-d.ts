import { expectError, expectType } from 'tsd';
import { toStatic } from 'paddlewheel/jit';
import { LeNet } from 'paddlewheel/vision/models';

// The network keeps its type.
expectType<LeNet>(toStatic(new LeNet()));
expectError(toStatic((x: number) => x));
